/** How files of values are made right. */
export const fixFile = {
  decision: true,
  text: 'See what the file should say; with --write it is changed, with its comments and its order',
  command: 'kubectl kpr preflight --values VALUES.yaml --to-version VERSION --fix',
  where: 'workstation',
} as const;

export const decideValue = {
  decision: true,
  text: 'Decide what is wanted instead: what is printed with the key says what there is',
  where: 'workstation',
} as const;

export const checkValues = 'kubectl kpr preflight --values VALUES.yaml --to-version VERSION';
