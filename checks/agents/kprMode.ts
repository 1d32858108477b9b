/** The mode of an agent's status: on, off, or (up to 1.15) something in between. */
export const isOn = (mode: string): boolean => /^(true|strict)$/i.test(mode);
export const isOff = (mode: string): boolean => /^(false|disabled)$/i.test(mode);
