// SPDX-License-Identifier: MIT
// The page is seen first, then it begins to work.

const begin = () => import('./main.js');

if (document.hidden) begin();
else requestAnimationFrame(() => setTimeout(begin));
