import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check endpoints-current';
const slices = 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}} -o yaml';

export const kpr5014 = defineProblem({
  code: 'KPR5014',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'EndpointSlices say otherwise than the pods of their Service',
  brief: 'EndpointSlices say otherwise than pods',
  symptom:
    'Some or all connections to the Service fail, from all nodes alike, though its pods are ready; agents, tables and dashboards call everything right.',
  cause:
    'Agents serve what EndpointSlices say. The controller that writes them (in kube-controller-manager) stands still or does not keep up, or somebody else writes them: by hand, by another controller, or by an Endpoints object that was never removed.',
  confirm:
    'Compare kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME with kubectl -n NAMESPACE get pods -o wide and the Service’s selector.',
  variants: {
    behind: {
      brief: 'EndpointSlices are not kept up to date',
      message: 'The EndpointSlices of {{services}} are not up to date: {{what}}',
      remedy: {
        steps: [
          {
            text: 'See which kube-controller-manager leads, and whether it still renews its lease',
            command:
              'kubectl -n kube-system get lease kube-controller-manager -o custom-columns=holder:.spec.holderIdentity,renewed:.spec.renewTime',
            where: 'workstation',
          },
          {
            text: 'Read what it says of endpoints',
            command:
              "kubectl -n kube-system logs -l component=kube-controller-manager --tail=2000 | grep -i 'endpoint'",
            where: 'workstation',
            on: ['kubeadm', 'kind'],
          },
          {
            text: 'Start it again; the kubelet makes a new container at once',
            command: 'crictl stop $(crictl ps --quiet --name kube-controller-manager)',
            where: 'controlPlane',
            on: ['kubeadm', 'kind'],
            risk: 'controllers pause for some seconds; Services keep the endpoints that they have',
          },
          {
            decision: true,
            text: 'Start kube-controller-manager again by the means of the distribution, or have its provider do so',
            where: 'controlPlane',
            on: ['k3s', 'rke2', 'talos', 'openshift', 'eks', 'aks', 'gke', 'microk8s', 'k0s', 'other'],
          },
        ],
        check,
      },
    },
    mirrored: {
      message:
        '{{service}}: EndpointSlice {{slice}} was copied of an Endpoints object, and still lists {{addresses}} beside the pods that the Service selects',
      remedy: {
        steps: [
          {
            text: 'See what it lists, and that the pods are in another EndpointSlice',
            command: slices,
            where: 'workstation',
          },
          {
            text: 'Delete the copy: the Service keeps the EndpointSlices of its selector',
            command: 'kubectl -n {{objectNamespace}} delete endpointslice {{slice}}',
            where: 'workstation',
            risk: 'connections to these addresses end; nobody writes it again while the Service has a selector',
          },
        ],
        check,
      },
    },
    ended: {
      message:
        '{{service}}: EndpointSlice {{slice}} calls {{addresses}} ready, where there is nobody any more: {{pods}} has ended',
      remedy: {
        steps: [
          {
            text: 'See who writes it (the label managed-by, managedFields)',
            command: `${slices} --show-managed-fields`,
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Make its author take the address out: whoever writes EndpointSlices has to follow the pods',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
