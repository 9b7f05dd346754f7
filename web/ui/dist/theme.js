// Runs before the first paint, so that the chosen theme does not flash.
try {
  const theme = localStorage.getItem('descent.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is used.
}
