import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricUnits, type Telemetry } from '../workflow/telemetry.ts';

/** Never lets a fault of a log or a metric reach the run. */
const quietly = (tell: () => void): void => {
  try {
    tell();
  } catch {
    // a run's outcome does not depend on its telemetry
  }
};

/**
 * Structured logs and CloudWatch metrics in the embedded metric format, written to standard output
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export const cloudWatchTelemetry = (service: string): Telemetry => {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Lockkeeper', serviceName: service });
  return {
    info: (message, fields) => quietly(() => logger.info(message, { ...fields })),
    error: (message, fields) => quietly(() => logger.error(message, { ...fields })),
    measure: (name, value) =>
      quietly(() => {
        metrics.addMetric(name, metricUnits[name], value);
        metrics.publishStoredMetrics();
      }),
  };
};
