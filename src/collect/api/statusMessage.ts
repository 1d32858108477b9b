const MAX_LENGTH = 400;

/** One line, without control characters, of bounded length: text from a server that goes into a sentence. */
export const oneLine = (text: string, maxLength = MAX_LENGTH): string => {
  const line = text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001F\u007F-\u009F\s]+/g, ' ')
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * What a server says in the body of a refusal: the message of its Status object, else the text; empty if it is HTML.
 */
export const statusMessage = (body: string): string => {
  try {
    const status: unknown = JSON.parse(body);
    if (isRecord(status) && typeof status['message'] === 'string') return oneLine(status['message']);
  } catch {
    // Proxies and load balancers answer in prose.
  }
  return /^\s*</.test(body) ? '' : oneLine(body);
};
