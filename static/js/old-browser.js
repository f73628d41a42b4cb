// Run only by browsers that know no modules: the page below the notice is not for them.
(function () {
  var notice = document.getElementById('unsupported');
  var start = document.getElementById('start');
  if (notice) notice.hidden = false;
  if (start) start.parentNode.parentNode.removeChild(start.parentNode);
})();
