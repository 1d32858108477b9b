import { isTechnical, proseWords } from '../../../knowledge/proseWords.ts';
import { publicWords } from '../../../knowledge/publicNames.ts';
import { isSettingWord, isSystemWord } from '../../../knowledge/settingWords.ts';
import { redactText } from '../../redactText.ts';
import type { Pseudonyms } from './Pseudonyms.ts';

/**
 * IPv4 or IPv6, with a length of a network behind it or not; neighbours that make it a part of something else
 * are looked at.
 */
const ipv4 = /(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:\/(\d{1,2}))?(?![\w])(?!\.\d)/g;
const ipv6 =
  /(?<![\w:.])((?:[0-9a-fA-F]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}))(?:\/(\d{1,3}))?(?![\w:])/g;
const mac = /(?<![\w:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])/g;

/** Every address in a text, whatever stands around it. */
export const redactAddresses = (text: string, { addresses }: Pseudonyms): string =>
  text
    .replace(ipv6, (whole, address: string, length: string | undefined) => mapped(addresses, whole, address, length))
    .replace(ipv4, (whole, address: string, length: string | undefined) => mapped(addresses, whole, address, length));

const mapped = (
  addresses: Pseudonyms['addresses'],
  whole: string,
  address: string,
  length: string | undefined,
): string => (length === undefined ? addresses.address(address) : addresses.cidr(address, Number(length))) || whole;

export const redactMacs = (text: string, names: Pseudonyms): string => text.replace(mac, (found) => names.mac(found));

/*
 * The expressions below begin only where a word begins, and take the word as a whole; what it is, is decided
 * afterwards. So the time grows with the text, whatever it says.
 */
const url = /(:\/\/)(?:[^\s/@"']{0,200}@)?(\[[0-9a-fA-F:.]{2,60}\]|[^\s/:"'\\<>,;]+)/g;
const mailWord = /(?<![\w.+@-])[\w.+@-]+/g;
const dotted = /(?<![\w./@-])[\w.-]+/g;
/**
 * Names of machines on the Internet and in companies; what ends otherwise is more often a file or a part of a program.
 */
const topLevel =
  /\.(?:com|net|org|io|dev|cloud|local|internal|corp|lan|intern|home|private|test|example|invalid|info|biz|de|fr|uk|us|eu|ch|at|nl|it|es|pl|cz|se|dk|fi|jp|cn|kr|br|au|ca|ru|ai|bank|prod|xyz|app|tech|systems|cluster|site|online|zone|company|gov|edu|mil|int)$/;
const publicMachine =
  /(?:^|\.)(?:kubernetes\.io|k8s\.io|cilium\.io|svc|cluster\.local|localhost|docker\.io|github\.com)$/;
/** Addresses that stand in their place already, or one word of letters, digits and what joins them. */
const word = /(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F.]{0,15}|[A-Za-z0-9][\w-]*/g;

/** What a word that is no known name may be. */
type Judge = (word: string) => boolean;

/** Settings and arguments have words that nobody can list; names that machines make have letters and digits. */
const isSetting: Judge = (part) => !/\d/.test(part) || !/[A-Za-z]/.test(part) || isTechnical(part) || isPublic(part);
/** Sentences are made of words that many use; the rest are names. */
const isProse: Judge = (part) =>
  /^\d+$/.test(part) || isTechnical(part) || isPublic(part) || /^(?:[A-Z][a-z]+){2,}$/.test(part);

/** Names of options have words that many use, and a few of Cilium's own. */
const isOption: Judge = (part) => isProse(part) || isSettingWord(part);
const isSystem: Judge = (part) => isProse(part) || isSystemWord(part);

const isPublic = (part: string): boolean => publicWords.has(part.toLowerCase()) || proseWords.has(part.toLowerCase());

/**
 * Command lines, values of configuration: hosts, addresses, every name that the cluster is known to have, and what
 * looks like a name that a machine made.
 */
export const redactFreeText = (text: string, names: Pseudonyms): string => redactAs(text, names, isSetting);

/** Messages, lines of logs, comments: of what people and programs say, only words that many use. */
export const redactProse = (text: string, names: Pseudonyms): string => redactAs(text, names, isProse);

function redactAs(text: string, names: Pseudonyms, judge: Judge): string {
  const hosts = redactText(text)
    .replace(url, (_, slashes: string, host: string) => `${slashes}${redactHost(host, names)}`)
    .replace(mailWord, (found) => (isMail(found) ? `${names.label(found)}@redacted.invalid` : found))
    .replace(dotted, (found) => {
      const host = found.replace(/[.-]{1,3}$/, '');
      return !topLevel.test(host) || publicMachine.test(host) || isMade(host, names)
        ? found
        : redactHost(host, names) + found.slice(host.length);
    });
  return redactWords(redactMacs(redactAddresses(hosts, names), names), names, judge);
}

function isMail(found: string): boolean {
  const at = found.indexOf('@');
  return at > 0 && found.indexOf('.', at) !== -1 && !found.endsWith('@redacted.invalid');
}

const isMade = (host: string, names: Pseudonyms): boolean =>
  host.split('.').every((part) => names.guess(part) === part);

/** The name or the address of a machine. */
export function redactHost(host: string, names: Pseudonyms): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (/^[\d.]+$|:/.test(bare))
    return bare === host ? names.addresses.address(bare) : `[${names.addresses.address(bare)}]`;
  return names.name(host);
}

/** Words, and parts of words between dashes, that are names elsewhere. */
export const redactKnownNames = (text: string, names: Pseudonyms): string => redactWords(text, names, () => true);

/** The key of a setting: a word that no option of Cilium's has is a name. */
export const redactOption = (key: string, names: Pseudonyms): string => redactWords(key, names, isOption);

/** Values that are paths, and those of keys that nobody knows. */
export const redactOptionValue = (text: string, names: Pseudonyms): string => redactAs(text, names, isOption);

/** What a node runs: `Ubuntu 24.04.1 LTS`, `6.8.0-45-generic`. */
export const redactSystem = (text: string, names: Pseudonyms): string => redactWords(text, names, isSystem);

/** As `redactKnownNames`, and what looks like a name that a machine made. */
export const redactSettingWords = (text: string, names: Pseudonyms): string => redactWords(text, names, isSetting);

const redactWords = (text: string, names: Pseudonyms, judge: Judge): string =>
  text.replace(word, (found) => {
    if (found.includes(':')) return found;
    if (names.isKnown(found)) return names.label(found);
    return /[-_]/.test(found) ? withinDashes(found, names, judge) : judged(found, names, judge);
  });

const judged = (part: string, names: Pseudonyms, judge: Judge): string =>
  part === '' || judge(part) ? part : names.guess(part);

/** Names have few dashes; in longer words only whole parts are looked up. */
const mostParts = 12;

/** `payments-api-7d9f` where `payments-api` is a name: the longest such part, from the left. */
function withinDashes(found: string, names: Pseudonyms, judge: Judge): string {
  const parts = found.split('-');
  const alone = (): string =>
    parts
      .map((part) =>
        names.isKnown(part) && part.length > 2
          ? names.label(part)
          : part
              .split('_')
              .map((one) => judged(one, names, judge))
              .join('_'),
      )
      .join('-');
  if (parts.length > mostParts) return alone();
  for (let length = parts.length - 1; length > 1; length--) {
    for (let from = 0; from + length <= parts.length; from++) {
      const part = parts.slice(from, from + length).join('-');
      if (part.length < 3 || !names.isKnown(part)) continue;
      const rest = (some: readonly string[]): string =>
        some.length === 0 ? '' : withinDashes(some.join('-'), names, judge);
      const [before, after] = [rest(parts.slice(0, from)), rest(parts.slice(from + length))];
      return [before, names.label(part), after].filter((one) => one !== '').join('-');
    }
  }
  return alone();
}
