interface Compared {
  readonly nodes: { readonly compared: readonly unknown[] };
  readonly services: { readonly compared: readonly unknown[] };
  readonly unknown: readonly unknown[];
}

/** Whether something stayed unproven; where nothing was compared, everything did. */
export const isInconclusive = ({ nodes, services, unknown }: Compared): boolean =>
  unknown.length > 0 || nodes.compared.length === 0 || services.compared.length === 0;
