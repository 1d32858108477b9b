import { isHazardous, hazards } from './visible.ts';

/** One word of a shell, that stands for exactly this text; without quotes where none are needed. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (isHazardous(word)) return `$'${escapeAnsiC(word)}'`;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** One word for a path, that no program takes for a flag. */
export const pathWord = (path: string): string => shellQuote(path.startsWith('-') ? `./${path}` : path);

/** For a place between single quotes. */
export const insideSingleQuotes = (text: string): string => text.replaceAll("'", String.raw`'\''`);

/** For a place between double quotes. */
export const insideDoubleQuotes = (text: string): string => text.replaceAll(/[\\"$`]/g, String.raw`\$&`);

// $'…' of bash, zsh and ksh: nothing in it can act on the terminal where the command is shown.
const escapeAnsiC = (text: string): string =>
  text.replaceAll(/['\\]/g, String.raw`\$&`).replaceAll(hazards, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
