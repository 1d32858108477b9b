/** A time as a sentence has it: `300 ms`, `1.5 s`, `90 s`, `5 min`. @param ms milliseconds */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms <= 120_000 && ms % 60_000 !== 0) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000) % 60;
  return `${Math.floor(Math.round(ms / 1000) / 60)} min${seconds === 0 ? '' : ` ${seconds} s`}`;
}
