/** https://github.com/multiformats/multicodec/blob/master/table.csv */
export const codecs = { raw: 0x55, dagPb: 0x70, dagCbor: 0x71 } as const
