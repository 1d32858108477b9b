import { createServer } from 'node:https';
import { listen } from './testProxies.ts';
import { fixturePath, fixtureText } from './testServer.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that says when it ends, in seconds since 1970; nobody here looks at its signature. */
export const jwt = (exp: number, claims: Readonly<Record<string, unknown>> = {}): string =>
  `${part({ alg: 'RS256' })}.${part({ exp, ...claims })}.c2lnbmF0dXJl`;

const inAThousandYears = 33_000_000_000;

export interface Issuer {
  /** `auth-provider` of a user whose token has expired and who may have another. */
  readonly provider: { readonly name: 'oidc'; readonly config: Readonly<Record<string, string>> };
  /** What this user gets for the refresh token. */
  readonly token: string;
  /** Bodies of the requests for tokens. */
  readonly asked: readonly string[];
}

/** An OpenID Connect issuer on 127.0.0.1 (Discovery 1.0 §4, Core 1.0 §12). */
export const startIssuer = async (): Promise<Issuer> => {
  const asked: string[] = [];
  const server = createServer({ cert: fixtureText('server.crt'), key: fixtureText('server.key') });
  const url = `https://127.0.0.1:${await listen(server)}`;
  const claims = { iss: url, aud: 'kpr', sub: 'jane', iat: Math.floor(Date.now() / 1000) };
  const token = jwt(inAThousandYears, claims);
  server.on('request', (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: url, token_endpoint: `${url}/token` }));
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      asked.push(body);
      response.end(
        JSON.stringify({ access_token: 'not used', token_type: 'bearer', id_token: token, expires_in: 3600 }),
      );
    });
  });
  return {
    provider: {
      name: 'oidc',
      config: {
        'id-token': jwt(1_000_000_000, claims),
        'refresh-token': 'once more',
        'client-id': 'kpr',
        'idp-issuer-url': url,
        'idp-certificate-authority': fixturePath('ca.crt'),
      },
    },
    token,
    asked,
  };
};
