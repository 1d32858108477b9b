import { X509Certificate } from 'node:crypto';
import type { Credentials } from './CredentialSource.ts';
import { jwtExpiry } from './jwtExpiry.ts';

/**
 * Why a server may have said 401 to these credentials, and what to do; for people. `now` in milliseconds since 1970.
 */
export function credentialHint(credentials: Credentials, server: string, now: number): string {
  if (server.startsWith('http:'))
    return 'over plain http no credentials are sent; its address should begin with https://';
  if (credentials.clientCertificate) {
    try {
      const expiry = Date.parse(new X509Certificate(credentials.clientCertificate.cert).validTo);
      if (expiry < now) return `the client certificate expired on ${day(expiry)}; fetch a new kubeconfig`;
    } catch {
      // A certificate that Node cannot read has its own message when it is used.
    }
  }
  const { authorization } = credentials;
  if (authorization?.startsWith('Bearer ')) {
    const expiry = jwtExpiry(authorization.slice('Bearer '.length));
    if (expiry !== undefined && expiry < now) return `the token expired on ${day(expiry)}; log in again`;
  }
  return authorization || credentials.clientCertificate
    ? 'the server does not accept these credentials; log in again, or fetch a new kubeconfig'
    : 'the kubeconfig gives this user no credentials';
}

const day = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
