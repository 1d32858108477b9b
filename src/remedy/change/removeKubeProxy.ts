import type { Distribution } from '../../model/Snapshot.ts';
import type { ChecklistStep } from './Checklist.ts';
import { captureFile, captureStep, files, keepStep } from './commonSteps.ts';
import type { Ground } from './Ground.ts';

/** kube-proxy goes at parity; its rules after it, node by node; what would bring it back last. */
export function removeSteps(ground: Ground): readonly ChecklistStep[] {
  const file = captureFile(ground);
  return [
    captureStep(ground),
    keepStep(ground),
    {
      text: 'Prove that eBPF does what kube-proxy did: every Service reaches the same backends',
      where: 'workstation',
      commands: [ground.command('kubectl kpr verify --against {{file}}', { file })],
    },
    ...gone(ground),
    ...healthPort(ground),
    ...cleaned(ground),
    ...forGood(ground),
    {
      text: 'Prove it once more, and see whose rules changed (diff ends with 1, because something did)',
      where: 'workstation',
      commands: [
        ground.command('kubectl kpr verify --against {{file}} --wait=3m', { file }),
        ground.command('kubectl kpr diff {{file}}', { file }),
      ],
    },
  ];
}

const risk =
  'its rules stay in the kernel and serve what they hold; from now on only Cilium follows changes, so go on to its rules soon';

/** By whoever manages it: what is deleted by hand comes back where somebody looks after it. */
function gone(ground: Ground): readonly ChecklistStep[] {
  const { proxy, snapshot } = ground;
  const check = ground.command('kubectl kpr doctor --check kube-proxy-absent,kpr-in-effect,tables-match');
  const step = { where: 'workstation', risk, check } as const;
  if (!proxy.runs) return [{ ...step, text: 'kube-proxy goes', commands: [], done: 'it runs on no node' }];
  const manager = managers[snapshot.distribution];
  if (manager !== undefined)
    return [{ ...step, ...manager, commands: manager.commands.map((one) => ground.command(one)), decision: true }];
  if (proxy.daemonSet === undefined)
    return [
      {
        ...step,
        decision: true,
        text: 'Stop it where it is started; kubectl kpr explain KPR3001 tells of static pods and of processes of the host',
        commands: [],
      },
    ];
  const { namespace = 'kube-system', name } = proxy.daemonSet.metadata;
  return [
    {
      ...step,
      text: 'Delete its DaemonSet',
      commands: [
        ground.command('kubectl -n {{proxyNamespace}} delete daemonset {{name}}', { proxyNamespace: namespace, name }),
        ground.command('kubectl -n {{proxyNamespace}} wait --for=delete pod -l {{labels}} --timeout=5m', {
          proxyNamespace: namespace,
          labels: labelsOf(ground) ?? 'k8s-app=kube-proxy',
        }),
      ],
      wayBack: ground.command(`kubectl apply -f ${files.kubeProxy}`),
    },
  ];
}

function labelsOf({ proxy }: Ground): string | undefined {
  const labels = Object.entries(proxy.daemonSet?.spec?.template?.metadata?.labels ?? {});
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${value}`).join(',');
}

type Managed = Pick<ChecklistStep, 'text' | 'where' | 'commands' | 'wayBack'>;

/** The same as kubectl kpr explain KPR3001 says of them. */
const managers: Readonly<Partial<Record<Distribution, Managed>>> = {
  eks: {
    text: 'Remove the add-on (CLUSTER: its name); a DaemonSet that is deleted by hand comes back with it',
    where: 'workstation',
    commands: ['aws eks delete-addon --cluster-name CLUSTER --addon-name kube-proxy'],
    wayBack: 'aws eks create-addon --cluster-name CLUSTER --addon-name kube-proxy',
  },
  aks: {
    text: 'Turn it off in AKS (GROUP, CLUSTER; preview): its add-on manager restores a DaemonSet that is deleted',
    where: 'workstation',
    commands: [
      'printf \'{"enabled": false}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
    ],
    wayBack:
      'printf \'{"enabled": true}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
  },
  openshift: {
    text: 'Tell the cluster network operator; it restores a DaemonSet that is deleted',
    where: 'workstation',
    commands: [
      'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":false}}\'',
    ],
    wayBack:
      'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":true}}\'',
  },
  talos: {
    text: 'Set cluster.proxy.disabled in the machine configuration of every control-plane node (CONTROL_PLANE), then delete the DaemonSet, which Talos leaves alone',
    where: 'workstation',
    commands: [
      'talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":true}}}\'',
      'kubectl -n kube-system delete daemonset kube-proxy',
    ],
    wayBack: 'talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":false}}}\'',
  },
  k3s: {
    text: 'Set disable-kube-proxy: true in /etc/rancher/k3s/config.yaml on every server (agents take it from there), and restart every server, then every agent, one after the other',
    where: 'controlPlane',
    commands: ['systemctl restart k3s'],
    wayBack: 'set disable-kube-proxy: false there, and restart them likewise',
  },
  rke2: {
    text: 'Set disable-kube-proxy: true in /etc/rancher/rke2/config.yaml on every server, and restart the servers, one after the other; remove /var/lib/rancher/rke2/agent/pod-manifests/kube-proxy.yaml where the pod stays',
    where: 'controlPlane',
    commands: ['systemctl restart rke2-server'],
    wayBack: 'set disable-kube-proxy: false there, and restart them likewise',
  },
  k0s: {
    text: 'Set spec.network.kubeProxy.disabled: true in the k0s configuration, and restart the controllers',
    where: 'controlPlane',
    commands: ['systemctl restart k0scontroller'],
    wayBack: 'set spec.network.kubeProxy.disabled: false there, and restart them likewise',
  },
};

/** Agents that were to answer there could not as long as kube-proxy held the port, and do not try again. */
const healthPort = (ground: Ground): readonly ChecklistStep[] =>
  ground.answersHealth && ground.proxy.runs
    ? [
        {
          text: 'Restart the agents at once, so that they answer on port 10256, which kube-proxy has left: until then load balancers that ask there take the nodes for dead',
          where: 'workstation',
          commands: [
            ground.command('kubectl -n {{namespace}} rollout restart daemonset {{daemonSet}}'),
            ground.command('kubectl -n {{namespace}} rollout status daemonset {{daemonSet}} --timeout=30m'),
          ],
          risk: 'agents start again, two at a time unless their DaemonSet says otherwise',
          check: ground.command('kubectl kpr doctor --check health-port-answers'),
        },
      ]
    : [];

/** A node whose rules lie in nftables or IPVS needs its own programs; `cleanup` prints that command itself. */
function cleaned(ground: Ground): readonly ChecklistStep[] {
  const [first, ...others] = ground.nodes.map(({ name }) => name);
  if (first === undefined) return [];
  const mode = ground.proxy.settings?.mode ?? 'iptables';
  const wayBack = 'each run prints the undo of its own back-up';
  const at =
    'connections that its rules translated end where Cilium has no row for them; everybody else’s rules stay as they are';
  const scripts: ChecklistStep = {
    text: 'Write the scripts that take its rules away, and read one of them',
    where: 'workstation',
    commands: [ground.command('kubectl kpr cleanup --overwrite -o cleanup')],
  };
  if (mode !== 'iptables')
    return [
      {
        ...scripts,
        text: `${scripts.text}; in mode ${mode} they run with the node’s own programs, by the command that is printed with each: one node first (${first}), with a look, then the others`,
        decision: true,
        risk: at,
        check: ground.command('kubectl kpr doctor --check leftover-iptables,leftover-nftables,leftover-ipvs'),
        wayBack,
      },
    ];
  const check = 'kubectl kpr verify --node {{node}} --wait=3m';
  const one: ChecklistStep = {
    text: `Take its rules away on one node, ${first}, and look at it before you go on`,
    where: 'workstation',
    commands: [ground.command('kubectl kpr cleanup --apply --node {{node}} --yes', { node: first })],
    risk: at,
    check: ground.command(check, { node: first }),
    wayBack,
  };
  if (others.length === 0) return [scripts, one];
  const names = others.map((_, index) => `{{node${index}}}`).join(' ');
  const loop = `for node in ${names}; do kubectl kpr cleanup --apply --node "$node" --yes && ${check.replaceAll('{{node}}', '"$node"')} || break; done`;
  return [
    scripts,
    one,
    {
      ...one,
      text: 'On the others likewise, one after the other; it stops at the first that is not well',
      commands: [ground.command(loop, Object.fromEntries(others.map((node, index) => [`node${index}`, node])))],
      check: ground.command('kubectl kpr doctor --check leftover-iptables,leftover-nftables,leftover-ipvs'),
    },
  ];
}

/** What installers take for a sign that kube-proxy is wanted. */
const forGood = (ground: Ground): readonly ChecklistStep[] =>
  ground.proxy.settings === undefined
    ? []
    : [
        {
          text: 'Delete its ConfigMap, which kubeadm up to 1.31 takes for a sign that kube-proxy is wanted; from 1.32 on that is proxy.disabled in kubeadm-config, which doctor asks for where it matters',
          where: 'workstation',
          commands: [ground.command('kubectl -n kube-system delete configmap kube-proxy')],
          risk: 'none now',
          check: ground.command('kubectl kpr doctor --check kube-proxy-stays-away'),
          wayBack: ground.command(`kubectl apply -f ${files.kubeProxy}`),
        },
      ];
