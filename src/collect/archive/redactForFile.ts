import type { AnswerName, DocumentName } from '../../model/raw.ts';
import { isSecretKey, redactText } from '../redactText.ts';
import { trimDocument } from '../trimObjects.ts';

/**
 * What goes into a file that is passed on. Configuration is compared with what an agent was started with, so while it
 * is examined it stays as it is; in a file both sides lose the same credentials and still compare equal.
 */
export function redactDocument(name: DocumentName, value: unknown): unknown {
  const trimmed = trimDocument(name, value);
  if (typeof trimmed !== 'object' || trimmed === null || !('data' in trimmed)) return trimmed;
  const { data } = trimmed;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return trimmed;
  return {
    ...trimmed,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, redactValue(key, text)])),
  };
}

/** Outputs stay as they were printed; only `startedConfig` is configuration: lines of `KEY:VALUE`. */
export function redactOutput(name: AnswerName, text: string): string {
  if (name !== 'startedConfig') return text;
  return text.replaceAll(/^([^:\n]+):(.*)$/gm, (_, key: string, value: string) => `${key}:${redactValue(key, value)}`);
}

function redactValue<T>(key: string, value: T): T | string {
  if (isSecretKey(key)) return '<redacted>';
  return typeof value === 'string' ? redactText(value) : value;
}
