import type { RawSettings } from '../../model/RawSettings.ts';

/** Helm's name of the replacement among the options of the agent, which passes over it in silence. */
export function misnamedReplacement({
  byKey,
}: RawSettings): { readonly key: string; readonly text: string } | undefined {
  const entry = [...byKey].find(([key]) => /^(global\.)?kubeProxyReplacement$/.test(key));
  return entry && { key: entry[0], text: entry[1] };
}
