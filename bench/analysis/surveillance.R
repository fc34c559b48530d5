# SPDX-License-Identifier: GPL-3.0-or-later
# surveillance.R: times R's surveillance, and R's HoltWinters, on the series of bench/analysis/run and writes what it found.
#
# usage: Rscript surveillance.R METHOD SERIES POINTS FIRST VALUES RESULTS      FIRST counts from 0
# Prints the seconds a point, one core.
suppressMessages(library(surveillance))
arguments <- commandArgs(TRUE)
method <- arguments[1]
series <- as.integer(arguments[2])
points <- as.integer(arguments[3])
range <- (as.integer(arguments[4]) + 1):points
values <- matrix(scan(arguments[5], quiet = TRUE), points, series)
flexible <- list(range = range, b = 5, w = 3, reweight = TRUE, weightsThreshold = 2.58, alpha = 0.05, trend = TRUE,
                 pThresholdTrend = 1, noPeriods = 10, pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin",
                 limit54 = c(0, 4))
classic <- list(range = range, b = 5, w = 3, reweight = TRUE, alpha = 0.05, trend = TRUE, limit54 = c(0, 4))
bayes3 <- list(range = range, b = 2, w = 4, actY = FALSE, alpha = 0.05)
likelihood <- list(range = range, c.ARL = 5, mu0 = list(S = 1, trend = FALSE), Mtilde = 1, M = -1, change = "intercept", ret = "value")
# The limit of the next period, period by period, as who watches has it.
smooth <- function(counts) sapply(range, function(k) {
  fit <- HoltWinters(ts(counts[1:(k - 1)], frequency = 52), alpha = 0.3, beta = 0.05, gamma = 0.1)
  predict(fit, 1, prediction.interval = TRUE, level = 0.98)[1, "upr"]
})
judge <- function(one, counts) switch(method,
  "farrington" = farrington(one, classic), "farrington-flexible" = farringtonFlexible(one, flexible),
  "bayes" = bayes(one, bayes3), "glr" = glrpois(one, likelihood),
  "glr-nb" = glrnb(one, c(likelihood, list(alpha = 0.1))), "glr-nb-estimated" = glrnb(one, likelihood), "holt-winters" = smooth(counts))
seconds <- 0
lines <- character(0)
for (s in seq_len(series)) {
  one <- sts(values[, s], start = c(2000, 1), frequency = 52)
  seconds <- seconds + sum(system.time(suppressWarnings(result <- judge(one, values[, s])))[c("user.self", "sys.self")])
  upper <- if (method == "holt-winters") result else upperbound(result)[, 1]
  more <- if (method != "farrington-flexible") rep("- -", length(range)) else
    paste(format(result@control$score[, 1], digits = 15), format(result@control$pvalue[, 1], digits = 15))
  lines <- c(lines, paste(format(upper, digits = 15), more))
}
writeLines(lines, arguments[6])
cat(format(seconds / (series * length(range)), digits = 9), "\n")
