const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 365 * 86_400 };

/** As `kubectl` prints ages, and agents: `23s`, `2m13s`, `3h`, `5d` (k8s.io/apimachinery, duration.HumanDuration). */
export function secondsOf(age: string): number | undefined {
  const parts = /^(?:\d+[smhdy]){1,9}$/.test(age) ? [...age.matchAll(/(\d+)([smhdy])/g)] : [];
  return parts.length === 0
    ? undefined
    : parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (secondsIn[unit] ?? 0), 0);
}
