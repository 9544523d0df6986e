const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** How big a file is, as people read it: `1,4 GB`, `312 MB`; in thousands, as disks are sold. */
export function sizeWords(bytes: number, lang: string): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** step
  const digits = step > 0 && value < 10 ? 1 : 0
  return new Intl.NumberFormat(lang, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step > 0 ? 'short' : 'long', // English writes “999 byte” when it is short
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}
