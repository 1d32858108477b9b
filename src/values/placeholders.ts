/*
 * PlacedValues files are often templates of another tool: `${…}` (Terraform, envsubst, Flux), `{{ … }}` (Jinja, Helm,
 * gomplate), `<% … %>`, `((…))`. What another tool fills in is not judged, and what only steers it is no YAML.
 */

/** Stands in place of each character of a placeholder: a character of nobody. */
const mask = '\uE000';

export const holdsPlaceholder = (text: string): boolean =>
  text.includes(mask) || /^\$[A-Z_][A-Z0-9_]*$|^<[\w .-]+>$|^\(\([^()]*\)\)$|^@@?\w+@@?$|^%\w+%$/.test(text);

/** For people: what another tool fills in has no text yet. */
export const withoutMasks = (text: string): string => text.replaceAll(/\uE000+/g, '…');

/** Lines that steer the other tool: they make no line of YAML. */
const steering =
  /^([ \t]*)(\{%.*%\}|\{\{[-~]?\s*(?:if|else|end|range|with|define|block|template|include|toYaml|for|\/\*|#).*\}\}|\{#.*#\}|%\{.*\}|<%(?!=).*%>)[ \t]*$/gm;

/** A whole line that is put in by the other tool. */
const inserted = /^([ \t]*)(\{\{[^{}\n]*\}\})[ \t]*$/gm;

const variable = /\$\{[^{}\n]*\}/g;
/** In a line, with what ends each: behind its last end none is looked for, or all would be, to the line's end each. */
const expressions = [
  { whole: /\{\{.*?\}\}/g, end: '}}' },
  { whole: /<%=.*?%>/g, end: '%>' },
] as const;

/** The same text, as long as it was, with placeholders that are nothing but text to YAML. */
export function maskPlaceholders(text: string): string {
  if (!/\$\{|\{\{|\{%|%\{|<%|\{#/.test(text)) return text;
  return text.replaceAll(steering, asComment).replaceAll(inserted, asComment).split('\n').map(maskedLine).join('\n');
}

function maskedLine(line: string): string {
  let masked = line.replaceAll(variable, masking);
  for (const { whole, end } of expressions) {
    const last = masked.lastIndexOf(end);
    if (last === -1) continue;
    masked = masked.slice(0, last + end.length).replaceAll(whole, masking) + masked.slice(last + end.length);
  }
  return masked;
}

const masking = (found: string): string => mask.repeat(found.length);

const asComment = (_whole: string, indent: string, line: string): string => `${indent}#${' '.repeat(line.length - 1)}`;
