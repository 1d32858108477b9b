/** A name from outside, for a sentence: no control characters, and not endless. */
export const visibleName = (name: string): string => {
  const clean = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > 200 ? `${clean.slice(0, 120)}…${clean.slice(-60)}` : clean;
};
