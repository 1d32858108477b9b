import { usageError } from '../core/KprError.ts';

/** A Service as people name it. */
export interface ServiceName {
  readonly namespace: string | undefined;
  readonly name: string;
}

const serviceWords: ReadonlySet<string> = new Set(['svc', 'service', 'services']);

/** kubectl's words for the kind. */
export const isServiceWord = (word: string): boolean => serviceWords.has(word.toLowerCase());

/** What kubectl takes as TYPE/NAME, and nobody connects to by its name. */
const otherKinds =
  /^(?:po|pods?|deploy(?:ments?)?|ds|daemonsets?|sts|statefulsets?|no|nodes?|ep|endpoints|endpointslices?|ing|ingress(?:es)?)\/[^/]+$/i;

/** `svc/NAME`, `service/NAME`, `NAME`, `NS/NAME` or `svc/NS/NAME`. Throws KprError for anything else. */
export function parseServiceName(text: string): ServiceName {
  const parts = text.split('/');
  if (otherKinds.test(text))
    throw usageError(
      `${text} is no Service`,
      'Connections are followed to Services and addresses: give the Service before it, or its address',
    );
  const rest = parts.length > 1 && isServiceWord(parts[0] ?? '') ? parts.slice(1) : parts;
  const name = rest.at(-1) ?? '';
  if (rest.length > 2 || rest.includes('') || name === '') {
    throw usageError(`${text} names no Service`, 'Write svc/NAME, NAME with -n NAMESPACE, or NAMESPACE/NAME');
  }
  return { namespace: rest.length === 2 ? rest[0] : undefined, name };
}
