/** The path of an entry, or what is wrong with it: nobody who packs a folder gets paths that lead out of it. */
export function entryName(raw: string): { readonly name: string } | { readonly wrong: string } {
  const path = raw.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[A-Za-z]:\//.test(path)) return { wrong: 'an absolute path' };
  const segments = path.split('/').filter((segment) => segment !== '.' && segment !== '');
  if (segments.includes('..')) return { wrong: 'a path with ..' };
  return { name: segments.join('/') };
}
