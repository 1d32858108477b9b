import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactDocument, redactOutput } from '../../../src/collect/archive/redactForFile.ts';
import { answerNames } from '../../../src/model/raw.ts';

const data = {
  'kube-proxy-replacement': 'true',
  'gateway-api-secrets-namespace': 'cilium-secrets',
  'some-token': 'x',
  'jws-kubeconfig-abc': 'e..y',
  'kubeconfig.conf':
    'token: abc\nserver: https://10.0.0.1\nclient-key-data: LS0=\ntoken:\nnext: 1\n  tokenFile: /var/run/secrets/token',
};
const redacted = {
  'kube-proxy-replacement': 'true',
  'gateway-api-secrets-namespace': 'cilium-secrets',
  'some-token': '<redacted>',
  'jws-kubeconfig-abc': '<redacted>',
  'kubeconfig.conf':
    'token: <redacted>\nserver: https://10.0.0.1\nclient-key-data: <redacted>\ntoken:\nnext: 1\n  tokenFile: /var/run/secrets/token',
};
/** As `grep -H '' *` prints the files of a mounted ConfigMap. */
const asFiles = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .flatMap(([key, text]) => text.split('\n').map((line) => `${key}:${line}\n`))
    .join('');

const connection = (more: string): string =>
  `ipv6 10 udp 17 29 src=fd00::1 dst=fd00::10 sport=1 dport=53 [UNREPLIED] src=::ffff:10.0.0.9 dst=fd00::1 sport=53 dport=1 packets=1 mark=0 zone=2 ${more}use=2`;

describe('configuration in a file', () => {
  it('loses its credentials, in the ConfigMap and as the agent was started, and stays the same on both sides', () => {
    expect(redactDocument('ciliumConfig', { metadata: { name: 'c' }, data })).toEqual({
      metadata: { name: 'c' },
      data: redacted,
    });
    expect(redactOutput('startedConfig', asFiles(data))).toBe(asFiles(redacted));
  });

  it('is the same on both sides where a private key stands in it, under whatever name', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----';
    const { data: kept } = redactDocument('ciliumConfig', { data: { ca: key } }) as { data: { ca: string } };
    expect(kept.ca).not.toContain('MIIabc');
    expect(redactOutput('startedConfig', asFiles({ ca: key, debug: 'true' }))).toBe(
      asFiles({ ca: kept.ca, debug: 'true' }),
    );
  });

  it('is not looked for in connections: of them only what the kernel says stays', () => {
    const counts = 'left 12\ntcp 3 10.96.0.1 443\ntcp all 4\n';
    expect(redactOutput('conntrack', `${connection('')}\n${counts}`)).toBe(`${connection('')}\n${counts}`);
    // Still no line of the kernel's: what is not understood is not to look as if nothing were there.
    expect(redactOutput('conntrack', `${connection('secctx=a:b ')}\nhunter2 src=hunter2\n`)).toBe(
      `${connection('<redacted> ')}\n<redacted> <redacted>\n`,
    );
  });

  it('is all that is changed in outputs, but for what programs say of credentials, which stays as long', () => {
    const spoken = new Set<string>(['status', 'health', 'proxyHealth', 'apiProbe', 'dnsProbe', 'serversProbe']);
    fc.assert(
      fc.property(
        fc.constantFrom(...answerNames.filter((name) => name !== 'startedConfig' && name !== 'conntrack')),
        fc.stringMatching(/^[a-z0-9]{4,20}$/),
        (name, text) => {
          const [before, after] = [`"https://u:${text}@h/"`, redactOutput(name, `"https://u:${text}@h/"`)];
          expect(after).toHaveLength(before.length);
          expect(after === before).toBe(!spoken.has(name));
        },
      ),
    );
  });

  it.each([null, 7, 'text', [], { data: null }, { data: [1] }, { data: { a: 1 } }])('takes %j', (value) => {
    expect(redactDocument('ciliumConfig', value)).toEqual(value);
  });
});
