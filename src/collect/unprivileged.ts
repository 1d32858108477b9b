/** The user `nobody`. */
const someUser = 65_534;

/** What pods of this program run as: the Pod Security Standard `restricted`. */
export const unprivilegedPod = {
  runAsNonRoot: true,
  runAsUser: someUser,
  runAsGroup: someUser,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

export const unprivilegedContainer = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;
