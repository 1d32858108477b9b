import { isAtLeast, type Version } from '../../knowledge/version.ts';
import { parseGoBool } from './parseGoBool.ts';

/** `partial`: up to Cilium 1.15 there were modes that share the work with kube-proxy. */
export type ReplacementMode = 'on' | 'off' | 'partial';

const modes: ReadonlyMap<string, ReplacementMode> = new Map([
  ['strict', 'on'],
  ['disabled', 'off'],
  ['partial', 'partial'],
  ['probe', 'partial'],
]);

/**
 * What a value of `kube-proxy-replacement` asks for, or the mode in an agent's status says; undefined: no word of any
 * version. Each version knows some of the words, and none gives one of them another meaning.
 */
export function replacementMode(text: string): ReplacementMode | undefined {
  const word = text.trim().toLowerCase();
  const isOn = parseGoBool(word);
  return isOn === undefined ? modes.get(word) : isOn ? 'on' : 'off';
}

/** Whether an agent does not start with a value of `kube-proxy-replacement` (cilium: pkg/kpr, formerly daemon/cmd). */
export function refusesReplacement(text: string, version: Version): boolean {
  if (!isAtLeast(version, '1.16.0')) return false;
  return isAtLeast(version, '1.19.0') ? parseGoBool(text) === undefined : text !== 'true' && text !== 'false';
}

/**
 * The value that today’s agents take for what a refused one meant; of the modes that shared the work with kube-proxy
 * (and of what no version knew) nothing is left, so that what is in effect decides. undefined: nobody knows.
 */
export function replacementInstead(text: string, inEffect: 'on' | 'off' | undefined): 'true' | 'false' | undefined {
  const meant = replacementMode(text);
  const mode = meant === 'on' || meant === 'off' ? meant : inEffect;
  return mode === undefined ? undefined : mode === 'on' ? 'true' : 'false';
}
