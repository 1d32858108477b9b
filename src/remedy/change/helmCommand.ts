/** Flags of kubectl that choose the cluster, and Helm's names for them; what Helm has no name for is left out. */
const helmFlags: Readonly<Record<string, string>> = {
  kubeconfig: 'kubeconfig',
  context: 'kube-context',
  server: 'kube-apiserver',
  token: 'kube-token',
  as: 'kube-as-user',
  'as-group': 'kube-as-group',
  'certificate-authority': 'kube-ca-file',
  'tls-server-name': 'kube-tls-server-name',
  'insecure-skip-tls-verify': 'kube-insecure-skip-tls-verify',
};

/** Commands of Helm that ask a cluster. */
const asking = /^helm (upgrade|rollback|get|history)\b/;

/** A command of Helm asks the cluster that kubectl's flags choose; any other is as it is. */
export function helmCommand(command: string, kubectl: string): string {
  const flags = flagsIn(kubectl).flatMap(([name, rest]) =>
    helmFlags[name] === undefined ? [] : [`--${helmFlags[name]}${rest}`],
  );
  return command.replace(asking, (whole) => [whole, ...flags].join(' '));
}

/** Of a command as kubectlFlags.ts writes it: values may be quoted, and hold blanks then. */
const flagsIn = (kubectl: string): readonly (readonly [string, string])[] =>
  [...kubectl.matchAll(/ --([a-z-]+)(=(?:\$?'(?:[^'\\]|\\.)*'|"[^"]*"|[^ '"])*)?/g)].map(([, name = '', rest = '']) => [
    name,
    rest,
  ]);
