/** Of the node itself, where it stands before the port of its kubelet. */
const kubeletAddress = /(?:(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]+\])(?=:10250\b)/g;

/** The agent of a node is no other on another node. */
const podOfCommand = /(?<=\bexec )[\w.-]+(?= -c )/g;

/**
 * What befell a node, without its kubelet's address, its pod in a command, and these names: the same on many nodes is
 * one thing.
 */
export const withoutOwn = (text: string, names: readonly (string | undefined)[]): string =>
  names.reduce<string>(
    (masked, name) => (name === undefined ? masked : withoutName(masked, name)),
    text.replaceAll(kubeletAddress, '…').replaceAll(podOfCommand, '…'),
  );

/** A node may be called `con`, `all` or `7`: only a word by itself is a name, and a number is none. */
const withoutName = (text: string, name: string): string =>
  /^\d+$/.test(name) ? text : text.replaceAll(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-])`, 'g'), '…');

const escaped = (name: string): string => name.replaceAll('.', '\\.');
