import { maskKnown } from '../redactText.ts';
import type { Credentials } from './CredentialSource.ts';

/**
 * What a server or somebody on the way to it answered, without the credentials that it was told: some tell everybody
 * what they were sent.
 */
export function withoutCredentials(text: string, { authorization = '' }: Credentials): string {
  const [scheme, sent = ''] = authorization.split(' ');
  if (scheme !== 'Basic') return maskKnown(text, [sent]);
  const pair = Buffer.from(sent, 'base64').toString('utf8');
  return maskKnown(text, [sent, pair, pair.slice(pair.indexOf(':') + 1)]);
}
