const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long it was so when it was read: `for about 5 minutes`. @param since RFC 3339 @param takenAt RFC 3339 */
export function lastedText(since: string, takenAt: string): string {
  const ms = Date.parse(takenAt) - Date.parse(since);
  if (ms < 90_000) return `for about ${Math.max(1, Math.round(ms / 1000))} seconds`;
  if (ms < 2 * hour) return `for about ${Math.round(ms / minute)} minutes`;
  return ms < 2 * day ? `for about ${Math.round(ms / hour)} hours` : `for about ${Math.round(ms / day)} days`;
}
