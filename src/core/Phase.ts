/** The moments at which checks run. */
export const phases = ['doctor', 'verify', 'preflight'] as const;
export type Phase = (typeof phases)[number];

/** Those for which there is a command. What users read names no other, nor a check that runs in others alone. */
export const runnablePhases = ['doctor', 'verify', 'preflight'] as const satisfies readonly Phase[];
export type RunnablePhase = (typeof runnablePhases)[number];

export const runnableAmong = (some: readonly Phase[]): readonly RunnablePhase[] =>
  runnablePhases.filter((phase) => some.includes(phase));
