/** The minor versions 1.N of Cilium that this program knows from their sources and from running them. */
export const knownMinors = { from: 16, to: 20 } as const;

/** N of `1.N.P`, with or without a leading v, of a version, an image tag or a whole image name; undefined: none in it. */
export function ciliumMinor(text: string | undefined): number | undefined {
  const found = /(?:^|[:\s])v?1\.(\d+)(?:\.\d+)?(?:[-+@.]|$)/.exec(text ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
