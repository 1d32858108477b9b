import { isIP } from 'node:net';
import type { AnswerName, DocumentName } from '../../model/raw.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { blankText, isSecretKey, redactText } from '../redactText.ts';
import { trimDocument } from '../trimObjects.ts';
import { readPartOf } from './readPartOf.ts';

/**
 * What goes into a file that is passed on. Configuration is compared with what an agent was started with, so while it
 * is examined it stays as it is; in a file both sides lose the same credentials and still compare equal. Of files that
 * other programs read, only what checks read is kept.
 */
export function redactDocument(name: DocumentName, value: unknown): unknown {
  const trimmed = trimDocument(name, value);
  return redactTexts(isRecord(trimmed) ? readPartOf(name, trimmed) : trimmed);
}

/** Objects whose entries are settings, by the key under which they stand. */
const settings: ReadonlySet<string> = new Set(['data', 'defaults']);

/** Deeper than any object of the API goes. */
const deepest = 100;

/** Every text of a document without its credentials, wherever it stands. What lies too deep for anybody is not kept. */
function redactTexts(value: unknown, depth = 0): unknown {
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((one) => redactTexts(one, depth + 1));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        settings.has(key) && isRecord(one) ? redactSettings(one) : redactTexts(one, depth + 1),
      ]),
    );
  return typeof value === 'string' ? redactText(value) : value;
}

const redactSettings = (data: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redactValue(key, value)]));

/** What a program says in its own words: places in it matter to those who read it, so that it stays as long. */
const spoken: ReadonlySet<AnswerName> = new Set([
  'status',
  'health',
  'proxyHealth',
  'apiProbe',
  'dnsProbe',
  'serversProbe',
]);
const inQuotes = /"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)/g;

/** Outputs stay as they were printed, but for credentials; `startedConfig` is configuration: lines of `KEY:VALUE`. */
export function redactOutput(name: AnswerName, text: string): string {
  if (name === 'startedConfig') return redactStarted(text);
  if (name === 'conntrack') return text.replaceAll(/\S+/g, (word) => (isTracked(word) ? word : '<redacted>'));
  if (!spoken.has(name)) return text;
  return name === 'status' ? text.replace(inQuotes, blankText) : blankText(text);
}

/** What the kernel lists of a connection (nf_conntrack_standalone.c), and what the agent's program counts of them. */
function isTracked(word: string): boolean {
  const [, address = word] = /^(?:src|dst)=(.*)$/.exec(word) ?? [];
  return isIP(address) !== 0 || tracked.test(word);
}

const tracked =
  /^(?:ipv[46]|tcp|udp|all|left|\[(?:UNREPLIED|ASSURED|(?:HW_)?OFFLOAD)\]|(?:(?:sport|dport|packets|bytes|mark|use|zone|zone-orig|zone-reply|delta-time)=)?\d{1,20})$/;

/**
 * A value of several lines is printed with its key before each, and is one value in the ConfigMap. Lines without a key
 * behind the beginning of a private key are its lines.
 */
function redactStarted(text: string): string {
  const done: string[] = [];
  let open: { readonly key: string; readonly lines: string[] } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { key, lines } = open;
    for (const line of redactValue(key, lines.join('\n')).split('\n')) done.push(`${key}:${line}`);
    open = undefined;
  };
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(colon, 0));
    if (key === '' && open?.lines.some((one) => one.includes('PRIVATE KEY-----')) === true) continue;
    if (open?.key !== key) close();
    if (key === '') done.push(line);
    else {
      open ??= { key, lines: [] };
      open.lines.push(line.slice(colon + 1));
    }
  }
  close();
  return done.join('\n');
}

function redactValue<T>(key: string, value: T): T | string {
  if (isSecretKey(key)) return isSwitch(value) ? value : '<redacted>';
  return typeof value === 'string' ? redactText(value) : value;
}

/** `true` is nobody's password. */
const isSwitch = (value: unknown): boolean =>
  typeof value !== 'string' || /^(?:true|false|disabled|enabled|)$/.test(value);
