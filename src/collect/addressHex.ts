import ipaddr from 'ipaddr.js';

/** As programs of perl take an address, for images lack the module that reads them. */
export const addressHex = (address: string): string => Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex');
