# Values of r_packages.json; csranks is installed from its repository. Takes about six minutes (csranks).
suppressMessages({library(clubSandwich); library(csranks); library(BradleyTerry2); library(psych); library(multcomp)})
given <- jsonlite::read_json("r_packages.json", simplifyVector = TRUE)$input
x <- read.csv("r_packages.csv", stringsAsFactors = TRUE)

# Rater effects are absorbed by centring, since dummies of raters have leverage 1, which CR3 cannot divide by.
model <- function(d, items) {
  X <- model.matrix(if (items) ~ department + item else ~ department, d)[, -1]
  for (j in seq_len(ncol(X))) X[, j] <- X[, j] - ave(X[, j], d$rater)
  y <- d$score - ave(d$score, d$rater)
  lm(y ~ 0 + X)
}
sandwiches <- function(m, cluster) lapply(c(CR0 = "CR0", CR2 = "CR2", CR3 = "CR3"), function(type) {
  V <- vcovCR(m, cluster = cluster, type = type)
  list(V = unclass(as.matrix(V))[1:7, 1:7], df = coef_test(m, vcov = V, test = "Satterthwaite")$df_Satt[1:7])
})
one <- x[x$item == "i0", ]
m1 <- model(one, FALSE); m3 <- model(x, TRUE)
club <- list(theta1 = unname(coef(m1)[1:7]), one = sandwiches(m1, one$rater),
             theta3 = unname(coef(m3)[1:7]), three = sandwiches(m3, x$rater), owners = sandwiches(m3, x$owner))

sets <- function(x, V, step) {
  set.seed(1)
  r <- csranks(x, V, coverage = 0.95, cstype = "two-sided", stepdown = step, R = 200000, simul = TRUE)
  list(L = r$L, U = r$U)
}
both <- function(x, V) list(single = sets(x, V, FALSE), stepdown = sets(x, V, TRUE))
ranks <- lapply(1:4, function(i) {
  e <- given$units$estimate[[i]]; V <- given$units$covariance[[i]]
  pairs <- glht(parm(e, V), contrMat(table(factor(seq_along(e), levels = seq_along(e))), "Tukey"))
  set.seed(2)
  p <- if (length(e) <= 15) summary(pairs, test = adjusted("single-step", abseps = 1e-5, maxpts = 2e6))$test$pvalues
  list(independent = both(e, diag(given$units$se[[i]]^2)), correlated = both(e, V), glht_p = as.numeric(p))
})

n <- nrow(given$wins); ij <- t(combn(n, 2))
games <- data.frame(w = given$wins[ij], l = given$wins[ij[, 2:1]])
games$a <- factor(ij[, 1], 1:n); games$b <- factor(ij[, 2], 1:n)
theta <- c(0, coef(BTm(cbind(w, l), a, b, data = games)))
icc <- ICC(given$icc, lmer = FALSE)$results
expected <- list(clubsandwich = club, ranks = ranks, bradley_terry = unname(theta - mean(theta)),
                 icc = setNames(as.list(icc$ICC), icc$type))
cat(jsonlite::toJSON(expected, digits = 17, auto_unbox = TRUE))
