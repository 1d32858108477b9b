import type { IptablesRule } from '../../model/NodeFacts.ts';

/**
 * A rule as `iptables-save` prints it, with counters or without; undefined: no rule.
 * @param spelling gives one string for equal names, so that a jump holds no copy of its target's name
 */
export function readIptablesRule(
  text: string,
  spelling: (name: string) => string,
): { readonly chain: string; readonly rule: IptablesRule } | undefined {
  const counters = text.startsWith('[') ? /^\[(\d+):(\d+)\] /.exec(text) : undefined;
  if (counters === null) return undefined;
  const line = counters === undefined ? text : text.slice(counters[0].length);
  const chain = /^-A (\S+)/.exec(line)?.[1];
  if (chain === undefined) return undefined;
  const { bare, quoted } = unquote(line);
  const target = / -[jg] (\S+)/.exec(bare)?.[1];
  const rule = {
    line,
    packets: counters && Number(counters[1]),
    bytes: counters && Number(counters[2]),
    target: target === undefined ? undefined : spelling(target),
    comment: commentOf(bare, quoted),
  };
  const printed = counters?.[0].slice(1, -2);
  const isExact = printed === undefined || printed === `${rule.packets}:${rule.bytes}`;
  return { chain, rule: isExact ? rule : { ...rule, counters: printed } };
}

/** The line with what is quoted in it taken out, so that what a comment says is not taken for an option. */
function unquote(line: string): { readonly bare: string; readonly quoted: readonly string[] } {
  let at = line.indexOf('"');
  if (at === -1) return { bare: line, quoted: [] };
  const quoted: string[] = [];
  let bare = '';
  let from = 0;
  while (at !== -1) {
    let end = line.indexOf('"', at + 1);
    while (end !== -1 && isEscaped(line, end)) end = line.indexOf('"', end + 1);
    if (end === -1) break;
    quoted.push(line.slice(at + 1, end).replace(/\\(.)/g, '$1'));
    bare += `${line.slice(from, at)}""`;
    from = end + 1;
    at = line.indexOf('"', from);
  }
  return { bare: bare + line.slice(from), quoted };
}

function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

function commentOf(bare: string, quoted: readonly string[]): string | undefined {
  const [before, word] = / --comment (\S+)/.exec(bare) ?? [];
  if (word !== '""') return word;
  // A log prefix, too, is quoted, and may stand before it.
  const index = bare.slice(0, bare.indexOf(before ?? '')).split('""').length - 1;
  return quoted[index];
}
