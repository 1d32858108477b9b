import { isAtLeast, type Version } from '../../knowledge/version.ts';
import { parseGoBool } from './parseGoBool.ts';
import type { FoundText, Lookup, Setting, SettingOrigin } from './Setting.ts';

/** Which versions have an option; what is set for others, they pass over. */
interface Lifetime {
  readonly since?: string;
  /** The first version that has it no more. */
  readonly until?: string;
}

export interface OptionTraits extends Lifetime {
  /** A former name of it: where it is set, it counts more. */
  readonly former?: Lifetime & { readonly key: string };
}

const byDefault: SettingOrigin = { kind: 'default' };

/** Reads options as an agent of one version does. What it would refuse to start with counts as not set. */
export class SettingReader {
  readonly #lookup: Lookup;
  readonly #version: Version;

  constructor(lookup: Lookup, version: Version) {
    this.#lookup = lookup;
    this.#version = version;
  }

  flag(key: string, unset: boolean, traits: OptionTraits = {}): Setting<boolean> {
    return this.parsed(key, parseGoBool, unset, traits);
  }

  choice<const W extends string>(key: string, words: readonly W[], unset: W, traits: OptionTraits = {}): Setting<W> {
    return this.parsed(key, (text) => words.find((word) => word === text), unset, traits);
  }

  text(key: string, unset: string, traits: OptionTraits = {}): Setting<string> {
    return this.parsed(key, (text) => text, unset, traits);
  }

  parsed<T>(key: string, parse: (text: string) => T | undefined, unset: T, traits: OptionTraits = {}): Setting<T> {
    const { former } = traits;
    const found = (former && this.#find(former.key, former)) ?? this.#find(key, traits);
    const value = found && parse(found.text);
    if (found === undefined) return { value: unset, text: undefined, origin: byDefault };
    return { value: value ?? unset, text: found.text, origin: found.origin };
  }

  #find(key: string, { since, until }: Lifetime): FoundText | undefined {
    const isKnown =
      (since === undefined || isAtLeast(this.#version, since)) &&
      (until === undefined || !isAtLeast(this.#version, until));
    return isKnown ? this.#lookup(key) : undefined;
  }
}
