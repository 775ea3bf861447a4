/**
 * How long to wait before looking again at something that began `ageMs` ago: a tenth of its age, 1 to 120 s.
 * Twelve hours of looking are some 430 looks, so an execution stays far from Step Functions' 25,000 events
 * (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
 */
export const pauseSeconds = (ageMs: number): number => Math.round(Math.min(120, Math.max(1, ageMs / 10_000)));
