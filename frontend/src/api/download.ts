/** Has the browser download what is at an address, under the name that it is given there. */
export function download(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
