/**
 * How long to wait before looking again at something that began `ageMs` ago: a tenth of its age, 1 to 120 s; past twelve hours
 * a 360th of it, so that the week which a run may take stays, like the twelve hours, far from the 25,000 events that end an execution
 * (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). A look is 9 events.
 */
export const pauseSeconds = (ageMs: number): number =>
  Math.round(Math.min(Math.max(120, ageMs / 360_000), Math.max(1, ageMs / 10_000)));
