import { agentCommands } from '../../../knowledge/nodeCommands.ts';
import { redactText } from '../../redactText.ts';
import type { Pseudonyms } from './Pseudonyms.ts';
import { redactFreeText, redactKnownNames } from './redactFreeText.ts';

/**
 * A command by which a person reads the same again, without what identifies its owner: what chooses the cluster, where
 * an archive lies, names and addresses. Programs and flags stay, whatever else in the cluster is called like them.
 */
export function redactCommand(command: string, names: Pseudonyms): string {
  if (shown.has(command)) return command;
  const ofArchive = redactArchiveCommand(command, names);
  if (ofArchive !== undefined) return ofArchive;
  const text = redactText(command);
  const inner = text.indexOf(separator);
  if (inner === -1) return redactKubectl(text, names);
  const inside = text.slice(inner + separator.length);
  return `${redactKubectl(text.slice(0, inner), names)}${separator}${shown.has(inside) ? inside : redactWords(inside, names)}`;
}

/** What agents are asked holds no name: a name of the cluster in it is a coincidence. */
const shown: ReadonlySet<string> = new Set(Object.values(agentCommands).map(({ shown }) => shown));
const separator = ' -- ';

/** As the readers of archives show where a file lies; whose machine that is does not matter. */
const archiveCommand = /^(?<program>unzip -p|tar -xz?Of) (?:'(?:[^']|'\\'')*'|\S+) (?<entry>.*)$|^cat (?<path>.*)$/s;
/** A file of a `cilium sysdump`, from its folder on. */
const belowFolder = /(?:cilium-bugtool-[^/]*\/)?(?:cmd\/)?[^/]*$/;

function redactArchiveCommand(command: string, names: Pseudonyms): string | undefined {
  const { program, entry, path } = archiveCommand.exec(command)?.groups ?? {};
  if (program !== undefined) return `${program} ARCHIVE ${redactKnownNames(entry ?? '', names)}`;
  if (path === undefined) return undefined;
  const file = belowFolder.exec(path)?.[0] ?? '';
  // The quote that stood before the folder is gone.
  return `cat ARCHIVE/${redactKnownNames(path.startsWith("'") ? file.replace(/'$/, '') : file, names)}`;
}

/** Flags of kubectl's that say which cluster, and as whom. */
const clusterFlags =
  / --?(?:kubeconfig|context|cluster|user|server|s|token|as|as-group|as-uid|certificate-authority|client-certificate|client-key|tls-server-name)(?:=| )(?:'(?:[^']|'\\'')*'|"[^"]*"|\S+)/g;
/** What stands behind these is a name, even where it is a word of kubectl's, too. */
const beforeName = /^(?:-n|-c|exec)$/;
const verbs: ReadonlySet<string> = new Set(['kubectl', 'get', 'exec', 'crd', 'json']);

const redactKubectl = (command: string, names: Pseudonyms): string =>
  command
    .replaceAll(clusterFlags, '')
    .split(' ')
    .map((word, i, words) => {
      if (beforeName.test(words[i - 1] ?? '') && !word.startsWith('-')) return names.name(word);
      return verbs.has(word) ? word : redactWord(word, names);
    })
    .join(' ');

const redactWords = (command: string, names: Pseudonyms): string =>
  command
    .split(' ')
    .map((word) => redactWord(word, names))
    .join(' ');

/** A flag stays; a value may stand behind it. */
function redactWord(word: string, names: Pseudonyms): string {
  const [, flag = '', value = ''] = /^(--?[A-Za-z][\w-]*=?)?(.*)$/s.exec(word) ?? [];
  return flag + redactFreeText(value, names);
}
