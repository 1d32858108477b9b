export const restartAgent = {
  text: 'Restart the agent on one node first, and look before you go on',
  restart: 'agent',
  where: 'workstation',
  risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
} as const;

/** An init container reads the configuration once for each pod, and kubelet starts only the agent again. */
export const startAnew = {
  text: 'Give agents that are down because of it a new pod: in the present one they start with the same again and again',
  command:
    'kubectl -n {{namespace}} get pods -l k8s-app=cilium -o jsonpath=\'{range .items[?(@.status.containerStatuses[0].ready==false)]}{.metadata.name}{"\\n"}{end}\' | xargs -r kubectl -n {{namespace}} delete pod',
  where: 'workstation',
  does: 'restartAgent',
  repairs: ['KPR1001', 'KPR1003', 'KPR1005'],
} as const;

export const restartAll = {
  text: 'Then restart the agents',
  restart: 'all',
  where: 'workstation',
  risk: 'agents restart a few at a time; pods that start meanwhile wait for their network',
} as const;

export const waitUntilReady = {
  text: 'Wait until it is ready',
  command:
    'kubectl -n {{namespace}} wait --for=condition=Ready pod -l k8s-app=cilium --field-selector spec.nodeName={{node}} --timeout=5m',
  where: 'workstation',
} as const;
