import { createHash, createHmac } from 'node:crypto';
import { isPublicInterface, isTechnical } from '../../../knowledge/proseWords.ts';
import { isPublicDomain, isPublicImage, isPublicKey, publicWords } from '../../../knowledge/publicNames.ts';
import { AddressMap } from './AddressMap.ts';

/** What stands in place of names: whoever has the key gets the same for the same name, in any capture. */
export class Pseudonyms {
  readonly addresses: AddressMap;
  readonly #key: Buffer;
  readonly #labels = new Map<string, string>();
  /** Words that look like names where they stand, and need not be any elsewhere. */
  readonly #guessed = new Map<string, string>();
  readonly #made = new Set<string>();

  constructor(key: Buffer) {
    this.#key = key;
    this.addresses = new AddressMap(key);
  }

  /** How many names were replaced so far. */
  get names(): number {
    return this.#labels.size + this.#guessed.size;
  }

  /** One word of a name (DNS label): `x` and nine letters and digits. Public words and numbers stay. */
  label(word: string): string {
    if (word === '' || isPublic(word) || this.#made.has(word)) return word;
    const known = this.#labels.get(word);
    if (known !== undefined) return known;
    const made = this.#guessed.get(word) ?? this.#make(word);
    this.#guessed.delete(word);
    this.#labels.set(word, made);
    return made;
  }

  /** As `label`, but the word stays what it is in other places. */
  guess(word: string): string {
    if (word === '' || isPublic(word) || this.#made.has(word)) return word;
    const known = this.#labels.get(word) ?? this.#guessed.get(word);
    if (known !== undefined) return known;
    const made = this.#make(word);
    this.#guessed.set(word, made);
    return made;
  }

  #make(word: string): string {
    const made = `x${this.#digest('name', word).toString('hex').slice(0, 9)}`;
    this.#made.add(made);
    return made;
  }

  /** A name that may have dots: each part by itself, so that a part of it that stands alone is the same. */
  name(text: string): string {
    if (isNumber(text)) return text;
    if (this.addresses.address(text) !== text) return this.addresses.address(text);
    return isAddress(text)
      ? text
      : text
          .split('.')
          .map((part) => this.label(part))
          .join('.');
  }

  /** `namespace/name` or `namespace/name:port`. */
  serviceName(text: string): string {
    return text
      .split('/')
      .map((part) =>
        part
          .split(':')
          .map((piece) => this.name(piece))
          .join(':'),
      )
      .join('/');
  }

  /** The key of a label or an annotation. */
  labelKey(key: string): string {
    const slash = key.indexOf('/');
    if (slash === -1) return isPublicKey(key) ? key : this.label(key);
    const domain = key.slice(0, slash);
    const rest = key.slice(slash + 1);
    // What stands behind a known domain has words of its project, and sometimes a name.
    // A role is whatever somebody calls it.
    if (domain === 'node-role.kubernetes.io') return `${domain}/${this.label(rest)}`;
    if (isPublicDomain(domain)) return `${domain}/${this.words(rest)}`;
    return `${this.name(domain)}/${this.label(rest)}`;
  }

  /** Words between dashes, dots and underscores: what a machine made of letters and digits, and roles of nodes. */
  words(text: string): string {
    return this.isKnown(text)
      ? this.label(text)
      : text
          .split(/([-._/])/)
          .map((part) => (/\d/.test(part) && /[a-z]/i.test(part) && !isTechnical(part) ? this.guess(part) : part))
          .join('');
  }

  /** An interface of a node: those that everybody has stay. */
  interface(name: string): string {
    if (isPublicInterface(name)) return name;
    return name.endsWith('+') ? `${this.label(name.slice(0, -1))}+` : this.label(name);
  }

  /** `registry/path/name:tag@digest`: the registry and what is not known are gone; a known program's version stays. */
  image(text: string): string {
    const [, name = '', tag = ''] = /([^/:@]+)((?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?)$/.exec(text) ?? [];
    return isPublicImage(name) ? `redacted.invalid/${name}${versionOf(tag)}` : `redacted.invalid/${this.label(text)}`;
  }

  uid(text: string): string {
    const hex = this.#digest('uid', text).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** This many characters of RFC 4648's alphabet, for hashes whose origin is not known. */
  base32(text: string, length: number): string {
    const digest = this.#digest('hash', text);
    return Array.from({ length }, (_, i) => alphabet[(digest[i] ?? 0) & 31] ?? 'A').join('');
  }

  mac(text: string): string {
    if (/^(00(:00)+|ff(:ff)+)$/i.test(text)) return text;
    const hex = this.#digest('mac', text.toLowerCase()).toString('hex');
    return `02:${(hex.slice(0, 10).match(/../g) ?? []).join(':')}`;
  }

  /** Whether a word was given another name before, so that it is one in other texts, too. */
  isKnown(word: string): boolean {
    return this.#labels.has(word);
  }

  #digest(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${kind} ${text}`).digest();
  }
}

/** `:v1.19.6` of `:v1.19.6-acme@sha256:…`; a tag that is no version says nothing of one. */
const versionOf = (tag: string): string => /^:v?\d+(?:\.\d+)*(?:-(?:rc|pre|alpha|beta)[.\d]*)?/.exec(tag)?.[0] ?? '';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const isNumber = (text: string): boolean => /^v?\d+(\.\d+)*$/.test(text) && !isAddress(text);

const isAddress = (text: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(text) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text);

const isPublic = (word: string): boolean => /^\d+$/.test(word) || publicWords.has(word.toLowerCase());

/** The key of a cluster's captures, when none is given: of what only those know who can read the cluster. */
export const keyOf = (secret: string): Buffer => createHash('sha256').update(`kubectl-kpr redact ${secret}`).digest();
