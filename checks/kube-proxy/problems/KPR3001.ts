import { defineProblem } from '../../../src/core/Problem.ts';
import { deleteConfigMap, deleteDaemonSet, restoreDaemonSet, saveObjects } from './steps.ts';

const precondition = {
  text: 'every agent replaces kube-proxy: otherwise nobody serves Services afterwards',
  command:
    'kubectl -n {{namespace}} get pods -l k8s-app=cilium -o name | (known=1; while read -r pod; do kubectl -n {{namespace}} exec "$pod" -c cilium-agent -- cilium-dbg status </dev/null | grep -E \'KubeProxyReplacement: +(True|Strict)\' || exit 1; known=0; done; exit $known)',
} as const;

const halfway =
  'kube-proxy runs beside its replacement{{conflict}}, and is needed on other nodes as yet, where Cilium does not replace it: {{others}}';

const restartNext = {
  text: 'Restart the agent there, which reads its configuration when it starts, and look before you go on to the others',
  restart: 'agent',
  onNode: '{{next}}',
  where: 'workstation',
  risk: 'connections through kube-proxy’s translation stay; new ones go through Cilium',
} as const;

const checkNext = 'kubectl kpr verify --node {{next}}';

const lookForRules = 'kubectl kpr doctor --check kube-proxy-absent,leftover-iptables,leftover-nftables,leftover-ipvs';

export const kpr3001 = defineProblem({
  code: 'KPR3001',
  severity: 'warning',
  harm: 'trap',
  title: 'kube-proxy still runs beside its replacement',
  brief: 'kube-proxy still runs beside its replacement',
  symptom:
    'Services work, but it is not clear which of the two serves them: both programs translate the same addresses, and faults of one hide behind the other. kube-proxy costs CPU on every node and keeps its rules alive.',
  cause:
    'Turning the replacement on does not remove kube-proxy. It was never deleted, its manager (add-on, operator, static manifest) brought it back, or it is a part of the distribution’s own process.',
  confirm: 'kubectl get pods -A -o wide | grep kube-proxy; on a node, ss -ltnp shows who listens on 10256 and 10249.',
  variants: {
    daemonSet: {
      message: 'kube-proxy still runs beside its replacement, as DaemonSet {{what}}{{conflict}}',
      remedy: {
        steps: [saveObjects, { ...deleteDaemonSet, precondition }, deleteConfigMap],
        check: lookForRules,
        undo: restoreDaemonSet,
      },
    },
    halfwayExempted: {
      message: halfway,
      remedy: {
        steps: [
          {
            text: 'Let Cilium serve Services on the next node, {{next}}: take out what turns the replacement off there',
            sets: { key: 'kube-proxy-replacement', value: null },
            onNode: '{{next}}',
            where: 'workstation',
            risk: 'all nodes that it selects take it with the next start of their agents',
          },
          restartNext,
        ],
        check: checkNext,
      },
    },
    halfwayLabelled: {
      message: halfway,
      remedy: {
        steps: [
          {
            text: 'Let Cilium serve Services on the next node, {{next}}: give it the label by which CiliumNodeConfig {{config}} turns the replacement on',
            command: 'kubectl label node {{next}} --overwrite {{label}}',
            where: 'workstation',
          },
          restartNext,
        ],
        check: checkNext,
        undo: 'kubectl label node {{next}} {{labelKey}}-',
      },
    },
    halfway: {
      message: halfway,
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let Cilium serve Services on {{next}} and the others, too, if that is what is meant',
            sets: { key: 'kube-proxy-replacement', value: 'true', helm: 'kubeProxyReplacement=true' },
            onNode: '{{next}}',
            where: 'workstation',
            risk: 'it counts for every node, with the next start of its agent; without kube-proxy agents need the API server’s own address',
          },
          restartNext,
        ],
        check: checkNext,
      },
    },
    eksAddon: {
      message: 'kube-proxy still runs beside its replacement, as the EKS add-on ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Remove the add-on; a DaemonSet that was deleted by hand comes back with it',
            command: 'aws eks delete-addon --cluster-name CLUSTER --addon-name kube-proxy',
            where: 'workstation',
            risk: 'its rules stay on the nodes; new nodes are clean',
          },
          { ...deleteDaemonSet, text: 'Delete the DaemonSet where it is still there' },
        ],
        check: lookForRules,
        undo: 'aws eks create-addon --cluster-name CLUSTER --addon-name kube-proxy',
      },
    },
    aksAddon: {
      message: 'kube-proxy still runs beside its replacement, managed by AKS ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Turn it off in AKS (preview); its add-on manager restores a DaemonSet that is deleted',
            command:
              'printf \'{"enabled": false}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
            where: 'workstation',
            risk: 'needs the extension aks-preview and the feature KubeProxyConfigurationPreview',
          },
        ],
        check: lookForRules,
      },
    },
    openshift: {
      message:
        'kube-proxy still runs beside its replacement, deployed by the cluster network operator ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            text: 'Tell the operator; it restores a DaemonSet that is deleted',
            command:
              'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":false}}\'',
            where: 'workstation',
            risk: 'its rules stay on the nodes and have to be removed next',
          },
        ],
        check: lookForRules,
        undo: 'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":true}}\'',
      },
    },
    talos: {
      message: 'kube-proxy still runs beside its replacement, as a bootstrap manifest of Talos ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Set cluster.proxy.disabled: true in the machine configuration of every control-plane node (CONTROL_PLANE)',
            command: 'talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":true}}}\'',
            where: 'workstation',
          },
          { ...deleteDaemonSet, text: 'Delete the DaemonSet, which Talos leaves alone' },
        ],
        check: lookForRules,
      },
    },
    k0s: {
      message: 'kube-proxy still runs beside its replacement, managed by k0s ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Set spec.network.kubeProxy.disabled: true in the k0s configuration and restart the controllers',
            where: 'controlPlane',
          },
        ],
        check: lookForRules,
      },
    },
    gke: {
      message: 'kube-proxy still runs beside its replacement, managed by GKE ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Users cannot remove it: whether a cluster has Dataplane V2 is chosen when it is made; ask Google’s support',
            where: 'workstation',
          },
        ],
      },
    },
    rke2: {
      message: 'kube-proxy still runs beside its replacement, as a static pod of RKE2 ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Set disable-kube-proxy: true in /etc/rancher/rke2/config.yaml on every server, then restart the servers',
            command: 'systemctl restart rke2-server',
            where: 'controlPlane',
            risk: 'one server after the other; the API server of each is away for a minute',
          },
          {
            text: 'Remove the manifest on every node where the pod stays',
            command: 'rm /var/lib/rancher/rke2/agent/pod-manifests/kube-proxy.yaml',
            where: 'node',
          },
        ],
        check: lookForRules,
      },
    },
    staticPod: {
      message: 'kube-proxy still runs beside its replacement, as a static pod ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Turn it off where the manifest comes from (kops: spec.kubeProxy.enabled: false, then a rolling update), or the file comes back',
            where: 'controlPlane',
          },
          {
            decision: true,
            text: 'Find the manifest on the node and move it out of the kubelet’s folder',
            command: 'grep -rl kube-proxy /etc/kubernetes/manifests',
            where: 'node',
          },
        ],
        check: lookForRules,
      },
    },
    pod: {
      message: 'kube-proxy still runs beside its replacement, in pods that no DaemonSet owns ({{what}}){{conflict}}',
      remedy: {
        steps: [
          {
            decision: true,
            precondition,
            does: 'endKubeProxy',
            text: 'See who owns the pods, and remove that',
            command: 'kubectl -n {{objectNamespace}} get pod {{objectName}} -o jsonpath={.metadata.ownerReferences}',
            where: 'workstation',
          },
        ],
        check: lookForRules,
      },
    },
    k3s: {
      message: 'kube-proxy still runs beside its replacement, inside the k3s process{{conflict}}',
      remedy: {
        steps: [
          {
            precondition,
            does: 'endKubeProxy',
            decision: true,
            text: 'Set disable-kube-proxy: true in /etc/rancher/k3s/config.yaml on every server; agents take it from there',
            where: 'controlPlane',
          },
          {
            text: 'Restart every server, then every agent',
            command: 'systemctl restart k3s',
            where: 'controlPlane',
            risk: 'one node after the other; pods keep running',
          },
        ],
        check: lookForRules,
      },
    },
    microk8s: {
      message: 'kube-proxy still runs beside its replacement, inside MicroK8s’ kubelite process{{conflict}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'MicroK8s has no switch for it, and its Cilium add-on does not turn it off: run Cilium there without kube-proxy replacement',
            where: 'controlPlane',
          },
        ],
        check: lookForRules,
      },
    },
    process: {
      message:
        'kube-proxy answers on port 10256, although no pod of it is there: it runs as a process of the host{{conflict}}',
      remedy: {
        steps: [
          { text: 'Find the process', command: 'ss -ltnp sport = :10256', where: 'node' },
          {
            precondition,
            does: 'endKubeProxy',
            text: 'Stop and disable its service',
            command: 'systemctl disable --now kube-proxy',
            where: 'node',
            risk: 'its rules stay on the node and have to be removed next',
          },
        ],
        check: lookForRules,
        undo: 'systemctl enable --now kube-proxy',
      },
    },
  },
});
