/** Whether a Service takes backends of other clusters of the mesh, too (cilium: pkg/annotation/clustermesh.go). */
export const isGlobal = (annotations: Readonly<Record<string, string>>): boolean =>
  ['service.cilium.io/global', 'io.cilium/global-service'].some((key) => annotations[key]?.toLowerCase() === 'true');
