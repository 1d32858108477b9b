import { expect, test } from 'vitest';
import { kubectlArgs, kubectlCommand } from '../../../src/collect/api/kubectlFlags.ts';
import type { ConnectionFlags } from '../../../src/collect/ConnectionFlags.ts';

test.each<[ConnectionFlags, string[], string]>([
  [{}, [], 'kubectl'],
  [{ context: '', asGroups: [], insecureSkipTlsVerify: false, namespace: 'n', requestTimeoutMs: 1 }, [], 'kubectl'],
  [{ context: 'prod-1' }, ['--context=prod-1'], 'kubectl --context=prod-1'],
  [
    { kubeconfig: '/a b/config', context: "it's; rm -rf /" },
    ['--kubeconfig=/a b/config', "--context=it's; rm -rf /"],
    String.raw`kubectl '--kubeconfig=/a b/config' '--context=it'\''s; rm -rf /'`,
  ],
  [
    { as: 'jane', asGroups: ['a', 'b'], asUid: '7', insecureSkipTlsVerify: true },
    ['--as=jane', '--as-group=a', '--as-group=b', '--as-uid=7', '--insecure-skip-tls-verify'],
    'kubectl --as=jane --as-group=a --as-group=b --as-uid=7 --insecure-skip-tls-verify',
  ],
  [
    { token: 'secret', server: 'https://x' },
    ['--server=https://x', '--token=secret'],
    'kubectl --server=https://x --token="$TOKEN"',
  ],
])('%j', (flags, args, command) => {
  expect(kubectlArgs(flags)).toEqual(args);
  expect(kubectlCommand(flags)).toBe(command);
});
