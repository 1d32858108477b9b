import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr9001 = defineProblem({
  code: 'KPR9001',
  severity: 'error',
  harm: 'trap',
  title: 'You may not read something that a check needs',
  brief: 'you may not read what checks need',
  symptom: 'Checks are unknown, with the reason that something is forbidden.',
  cause:
    'The API server refused a request of this run: no role of yours allows it, or your credentials are not valid, or not any more (a token that expires while a large cluster is read). Only read access is ever requested: get, list, and exec of reading commands.',
  confirm: '`kubectl auth can-i --list` shows what you may do.',
  explainsUnknown: 'permission',
  variants: {
    credentials: {
      brief: 'the API server does not accept your credentials',
      message: 'The API server did not accept your credentials, or not until the end, so that not everything was read',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Renew them: log in again, as for kubectl, or fetch a new kubeconfig; a token has to hold as long as the run takes',
            where: 'workstation',
          },
        ],
        check: 'kubectl get --raw /version',
      },
    },
    collection: {
      message: 'You may not {{verb}} {{names}}',
      remedy: {
        steps: [
          {
            text: 'Let an administrator make a role that allows it',
            // kubectl create clusterrole refuses all where the cluster lacks one of the types.
            command:
              'echo \'{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{role}}"},"rules":{{rules}}}\' | kubectl apply -f -',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'And give it to {{whom}}',
            command: 'kubectl create clusterrolebinding {{role}} --clusterrole={{role}} --user={{user}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl auth can-i {{verb}} {{resource}} --all-namespaces',
        undo: 'kubectl delete clusterrolebinding/{{role}} clusterrole/{{role}}',
      },
    },
    object: {
      message: 'You may not read the object {{object}} ({{resource}})',
      remedy: {
        steps: [
          {
            text: 'Let an administrator make a role that allows to get this one object',
            command:
              'kubectl create clusterrole {{role}} --verb=get --resource={{resource}} --resource-name={{object}}',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'And give it to {{whom}}',
            command: 'kubectl create clusterrolebinding {{role}} --clusterrole={{role}} --user={{user}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl auth can-i get {{resource}}/{{object}} --all-namespaces',
        undo: 'kubectl delete clusterrolebinding/{{role}} clusterrole/{{role}}',
      },
    },
    exec: {
      brief: 'you may not run commands in agent pods',
      message: 'You may not run commands in agent pods, so these nodes are not examined',
      remedy: {
        steps: [
          {
            text: 'Let an administrator make a role for exec in Cilium’s namespace; newer clients use create, older ones get',
            command: 'kubectl -n {{namespace}} create role kubectl-kpr-exec --verb=get,create --resource=pods/exec',
            where: 'workstation',
            risk: 'agents are privileged: who may exec there is root on every node',
          },
          {
            decision: true,
            text: 'And give it to {{whom}}',
            command:
              'kubectl -n {{namespace}} create rolebinding kubectl-kpr-exec --role=kubectl-kpr-exec --user={{user}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} auth can-i create pods/exec',
        undo: 'kubectl -n {{namespace}} delete rolebinding/kubectl-kpr-exec role/kubectl-kpr-exec',
      },
    },
  },
});
