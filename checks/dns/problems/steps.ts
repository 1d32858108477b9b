export const seePods = {
  text: 'See what its pods do',
  command: 'kubectl -n {{dnsNamespace}} get pods -l {{selector}} -o wide',
  where: 'workstation',
} as const;

export const seeLogs = {
  text: 'Read why they are not ready',
  command: 'kubectl -n {{dnsNamespace}} logs -l {{selector}} --all-containers --tail=30',
  where: 'workstation',
} as const;
