/** The moments at which checks run. */
export const phases = ['doctor', 'verify', 'preflight'] as const;
export type Phase = (typeof phases)[number];
