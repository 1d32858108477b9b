import type { Snapshot } from '../model/Snapshot.ts';
import { insideDoubleQuotes, insideSingleQuotes, shellQuote } from '../text/shell.ts';

export type Values = Readonly<Record<string, string | undefined>>;

const placeholder = /\{\{(\w+)\}\}/g;

/** A value that is not known here becomes a word that people see they have to replace. */
const unknownValue = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** With what chooses the cluster; of an archive of which that is not known, the user has to have chosen it. */
export const kubectlOf = ({ origin }: Pick<Snapshot, 'origin'>): string => origin.kubectl ?? 'kubectl';

/** Prose with its `{{names}}` filled. */
export const fillText = (template: string, values: Values): string =>
  template.replaceAll(placeholder, (_, name: string) => values[name] ?? unknownValue(name));

/**
 * A command with its `{{names}}` filled as text of one shell word, whatever the values hold, and run where the user is:
 * `kubectl` is e.g. `kubectl --context=prod-1`. What would be taken for a flag (`--all`) is as if it were not known.
 */
export function fillCommand(template: string, values: Values, kubectl: string): string {
  let open: readonly Opened[] = [];
  let filled = '';
  let at = 0;
  const flagged = withKubectl(template, kubectl);
  for (const match of flagged.matchAll(placeholder)) {
    const before = flagged.slice(at, match.index);
    open = openAfter(before, open);
    const name = match[1] ?? '';
    const value = values[name];
    const isUsable = value !== undefined && !(value.startsWith('-') && isArgument(before));
    filled += before + quoted(isUsable ? value : unknownValue(name), open.at(-1));
    at = match.index + match[0].length;
  }
  return filled + flagged.slice(at);
}

/** Whether a value behind this text begins a word that a program may take for a flag. */
const isArgument = (before: string): boolean => /(?:^|\s)["']?$/.test(before) && !/\s--\s["']?$/.test(before);

const quoted = (value: string, open: Opened | undefined): string =>
  open === "'" ? insideSingleQuotes(value) : open === '"' ? insideDoubleQuotes(value) : shellQuote(value);

/** What is not closed yet. Within `$(…)` words begin anew, also where that stands in quotes. */
type Opened = '"' | "'" | '(';

/** Which of them are open behind a piece of a command, the innermost last. */
function openAfter(text: string, before: readonly Opened[]): readonly Opened[] {
  const open = [...before];
  for (let i = 0; i < text.length; i += 1) {
    const [char, at] = [text[i], open.at(-1)];
    if (char === '\\' && at !== "'") i += 1;
    else if (char === (at === '(' ? ')' : at)) open.pop();
    else if (at === "'") continue;
    else if (char === '"' || (char === "'" && at !== '"')) open.push(char);
    else if (char === '(' && (at !== '"' || text[i - 1] === '$')) open.push(char);
  }
  return open;
}

/** Nobody can give rights that they lack: roles are made by an administrator, who is not whom the user acts as. */
const givesRights = /^kubectl (?:-n \S+ )?(?:create|delete) (?:cluster)?role|"kind":"ClusterRole"/;
const actingAs =
  / (?:--as(?:-group|-uid)?=\S*|'--as(?:-group|-uid)?=(?:[^']|'\\'')*'|\$'--as(?:-group|-uid)?=(?:[^'\\]|\\.)*')/g;

/**
 * A command that is typed on the user's workstation, with the flags that choose the cluster.
 * kubectl takes no flags between itself and the name of a plugin, so there they go behind the plugin's command.
 */
export function withKubectl(command: string, kubectl: string): string {
  const all = kubectl.replace(/^kubectl\b/, '');
  const flags = givesRights.test(command) ? all.replaceAll(actingAs, '') : all;
  return command.replaceAll(
    /(^|\n|[|;&(]\s*|\b(?:do|then|else|if|while|until)\s+)kubectl (kpr [a-z]+)?/g,
    (_, before: string, plugin: string | undefined) =>
      plugin === undefined ? `${before}kubectl${flags} ` : `${before}kubectl ${plugin}${flags}`,
  );
}
