import type { Distribution } from '../../model/Snapshot.ts';
import type { Owner } from './Owner.ts';

/** A CNI or a service proxy, by the names of what runs of it in a cluster: a DaemonSet and its pods. */
export interface NetworkWorkload {
  readonly owner: Owner;
  readonly names: RegExp;
  /** These run it in a process of their own as well, where no object of the API shows it. */
  readonly within: readonly Distribution[];
}

/**
 * Names as their own manifests and charts have them: flannel (kube-flannel.yml), canal, aws-node (amazon-vpc-cni-k8s),
 * calico-node (manifests, tigera-operator), antrea-agent, weave-net, kube-router, ovnkube-node (OVN-Kubernetes,
 * OpenShift), kindnet. k3s starts Flannel and the policies of kube-router in its agents.
 */
export const networkWorkloads: readonly NetworkWorkload[] = [
  { owner: 'flannel', names: /flannel|canal/, within: ['k3s'] },
  { owner: 'kubeRouter', names: /kube-router/, within: ['k3s', 'rke2'] },
  { owner: 'awsCni', names: /^aws-node/, within: [] },
  { owner: 'calico', names: /calico-node|canal/, within: [] },
  { owner: 'antrea', names: /antrea-agent/, within: [] },
  { owner: 'weave', names: /weave-net/, within: [] },
  { owner: 'ovnKubernetes', names: /ovnkube|ovn-kubernetes/, within: ['openshift'] },
  { owner: 'kindnet', names: /kindnet/, within: [] },
];
