import { execFile } from 'node:child_process';

const questions = {
  contexts: ['config', 'get-contexts', '-o', 'name'],
  namespaces: ['get', 'namespaces', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
  nodes: ['get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
  services: [
    'get',
    'services',
    '--all-namespaces',
    '-o',
    'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{"\\n"}{end}',
  ],
  servicesHere: ['get', 'services', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
} as const;

/** Nothing that shells act on: they put on the line what they are offered, and kubeconfigs come by mail. */
const harmless = /^[\w.:/@%+][\w.:/@%+=,-]*$/;

/** A person waits at a prompt. */
const timeoutMs = 3000;

/** Names for a prompt, as the user's own kubectl gives them. None where it does not answer soon. */
export async function namesByKubectl(
  of: keyof typeof questions,
  connection: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const args = [...questions[of], ...connection, '--request-timeout=2s'];
    execFile('kubectl', args, { env, timeout: timeoutMs, encoding: 'utf8' }, (error, stdout) =>
      resolve(error === null ? stdout.split('\n').filter((name) => harmless.test(name)) : []),
    );
  });
}
