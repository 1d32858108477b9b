import { createHash } from 'node:crypto';

const plain = /^[a-z0-9](?:[a-z0-9-]|\.(?!\.)){0,120}$/;

/**
 * The folder of a node in a capture: its name, where that is the DNS name that Kubernetes asks for. Whatever else comes
 * gets a name that is safe on every file system, its own, and the same in every run.
 */
export function nodeDirectory(node: string): string {
  if (plain.test(node) && !node.endsWith('.')) return node;
  const readable = node
    .replaceAll(/[^a-z0-9]+/gi, '-')
    .toLowerCase()
    .slice(0, 40);
  // JSON tells apart even what UTF-8 can't.
  return `${readable}_${createHash('sha256').update(JSON.stringify(node)).digest('hex').slice(0, 16)}`;
}
